from sqlalchemy.orm import Session


def get_tools(db: Session, skip: int = 0, limit: int = 100):
    return db.query(object).offset(skip).limit(limit).all()


def search(db: Session, page: int = 1, per_page: int = 20):
    return get_tools(db, skip=(page - 1) * per_page, limit=per_page)


def get_after(db: Session, after: int):
    return db.query(object).filter(object > after).limit(20).all()
